"""Each module of the package by itself; the folders mirror it."""
