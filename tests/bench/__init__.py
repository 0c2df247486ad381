"""Benchmarks against what users would pick instead: `scripts/bench` runs them side by side on a real Orthanc.

Nothing here fails on time. docs/performance.md tells what each line measures.
"""
