"""Reports with plausible-events: python events_client.py <address of the API> <domain> <token>."""

import os
import sys
import threading

from plausible_events import PlausibleEvents

api, domain, token = sys.argv[1:]
client = PlausibleEvents(domain, headers={"Authorization": f"Bearer {token}"}, api=api, timeout=0.2)
client.pageview("/main", utm={"source": "newsletter", "campaign": "may"})
client.event("Export Finished", props={"format": "csv"}, path="/main")
done = threading.Event()
client._enqueue_task(done.set)  # one thread does them in order, again and again until each is taken
assert done.wait(timeout=30)
print(client.headers["X-Forwarded-For"], flush=True)
os._exit(0)  # that thread never ends by itself
