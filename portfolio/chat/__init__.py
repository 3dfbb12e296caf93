"""The chat: answers from the site's own content, kept for the owner, readable only by the browser that asked."""
