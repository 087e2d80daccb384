"""Opens gRPC channels: round robin, keepalive, quick reconnection, request id, caller."""

from __future__ import annotations

import grpc
import orjson
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions

from services.common.caller import CALLER_KEY, caller
from services.common.log import request_id
from services.common.settings import MAX_MESSAGE_BYTES

Metadata = tuple[tuple[str, str], ...]

DEFAULT_TIMEOUT_S = 3.0
"""Timeout of a call made outside of a request's budget."""

MAX_METADATA_BYTES = 64 * 1024
"""Room for the problems of a refusal; the default of 8 KiB would turn it into RESOURCE_EXHAUSTED."""


def reads_of(service: ServiceDescriptor) -> frozenset[str]:
    """Names of the methods whose contract says that they change nothing (`NO_SIDE_EFFECTS`).

    A method without the option, or with IDEMPOTENT, may change something.
    """
    no_side_effects = MethodOptions.NO_SIDE_EFFECTS
    return frozenset(
        method.name for method in service.methods if method.GetOptions().idempotency_level == no_side_effects
    )


def open_channel(address: str, service: ServiceDescriptor) -> grpc.aio.Channel:
    """A channel to every replica behind `address` (any gRPC target: `host:port`, `dns:///name:port`,
    `ipv4:1.2.3.4:1,1.2.3.5:1`).

    Only methods that change nothing are retried, once, when the service is unreachable.
    """
    return grpc.aio.insecure_channel(
        address,
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_metadata_size", MAX_METADATA_BYTES),
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            # With the default back-off, a restarted service stays unreachable for more than a second.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 200),
            ("grpc.service_config", _service_config(service)),
        ],
    )


def _service_config(service: ServiceDescriptor) -> str:
    config = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "methodConfig": [
            {
                "name": [
                    {"service": service.full_name, "method": method} for method in sorted(reads_of(service))
                ],
                # gRPC adds jitter itself, and stops when the retry budget below is spent.
                "retryPolicy": {
                    "maxAttempts": 2,
                    "initialBackoff": "0.05s",
                    "maxBackoff": "0.2s",
                    "backoffMultiplier": 2,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ],
        "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.1},
    }
    return orjson.dumps(config).decode()


def call_metadata(more: Metadata = ()) -> Metadata:
    """The metadata of a call: `more`, the request id, which joins the logs of all services, and the caller.

    It is passed with each call, since an interceptor would cost one task for each call.
    """
    current, asking = request_id.get(), caller.get()
    if current:
        more = (*more, ("x-request-id", current))
    return (*more, (CALLER_KEY, asking)) if asking else more
