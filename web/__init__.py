"""The web door: routes of the HTTP API, what guards them, and the chat page."""
