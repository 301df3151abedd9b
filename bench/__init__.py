"""Measurement: what the house does per second, beside what this machine can do at all, in one run.

`./neo bench events|http|start|all` prints a table of rates and the ratios that count; README.md explains each row.
It owns nothing and is imported by nobody but the command.
"""
