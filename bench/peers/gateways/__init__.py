"""The gateways that are measured: each file is one of them, or a part of one."""
