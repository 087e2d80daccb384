"""What many clients that search for different things get, and what they are refused."""
