"""Outbound messages. It sends what it is given, once, and records what became of it; it never imports the room
that asked. Owns: message, channel."""
