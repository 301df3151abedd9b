"""The open file format of the matching (docs/matching.md): the engine without the platform, for researchers.

`reading` turns a file into columns and says where a wrong one is wrong, `offered` knows which edges a file without
a list means, `writing` solves and writes a solution, `checking` looks at somebody else's, `making` invents
instances.
"""
