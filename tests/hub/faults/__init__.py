"""What can go wrong: rate limits, slow or failed requests, hooks between two requests, simulated clocks."""
