"""Prometheus metrics that every gRPC server counts."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

RPC_SECONDS = Histogram(
    "lba_rpc_seconds",
    "Time taken by each RPC served.",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
RPC_TOTAL = Counter("lba_rpc_total", "RPCs served, by their status.", ["method", "status"])
