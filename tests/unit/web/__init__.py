"""HTTP without a server."""
