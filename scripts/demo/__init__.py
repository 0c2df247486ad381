"""The demonstration studies of scripts/serve --demo: one module a study."""
