"""The jobs service, which implements protos/jobs.proto; callers use gRPC, never this package."""
