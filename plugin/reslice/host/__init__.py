"""The server that Reslice lives in."""
