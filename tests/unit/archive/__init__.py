"""The store, the cache and what is built on them."""
