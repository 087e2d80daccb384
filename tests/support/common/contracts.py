"""Contracts that a test makes up: a service of methods with the idempotency level that each says."""

from __future__ import annotations

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, MethodOptions
from google.protobuf.descriptor_pool import DescriptorPool


def service_of(**levels: MethodOptions.IdempotencyLevel.ValueType | None) -> ServiceDescriptor:
    """A service `essai.v1.Essai` with these methods; None for one that says nothing."""
    file = FileDescriptorProto(name="essai.proto", package="essai.v1", syntax="proto3")
    file.message_type.append(DescriptorProto(name="Nothing"))
    service = file.service.add(name="Essai")
    for name, level in levels.items():
        method = service.method.add(
            name=name, input_type=".essai.v1.Nothing", output_type=".essai.v1.Nothing"
        )
        if level is not None:
            method.options.idempotency_level = level
    pool = DescriptorPool()
    pool.Add(file)
    return pool.FindServiceByName("essai.v1.Essai")
