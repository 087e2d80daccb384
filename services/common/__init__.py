"""What every process shares: settings, logs, errors, server, channel. No domain word in here."""
