"""Realistic platform exports for the demo, the tests and the benchmarks: made, never taken from anybody."""

from qingdan.sandbox.samples.orders import Shares
from qingdan.sandbox.samples.scenarios import SCENARIOS
from qingdan.sandbox.samples.write import write_bench_csv, write_sample

__all__ = ["SCENARIOS", "Shares", "write_bench_csv", "write_sample"]
