"""The published language: every event that a service announces, one file per owner, and the topology of the bus.

Imports pydantic only. Facts in the past tense, ids and codes and counts; never a name, a contact, a text or an answer.
"""
