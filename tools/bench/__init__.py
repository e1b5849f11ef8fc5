"""``make bench``: what a chapter takes in time and memory, what it costs at Cloudflare, and how fast a poll is."""
