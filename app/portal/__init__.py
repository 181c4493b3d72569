"""The partner's pages: what a partner may see of its own."""
