"""HTTP without a server: a Request in, a Response out."""
