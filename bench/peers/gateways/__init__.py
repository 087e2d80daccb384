"""The measured gateways, one or two files for each; `bench.peers` starts them."""
