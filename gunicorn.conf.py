"""What gunicorn logs: neither addresses nor queries, referrers or names. How long it waits for a client that is silent.

It reads this file when it is started in this folder. Its own formats would write each visitor's address: of every
request, if it is told to log them (`--access-logfile -`), and of each one that it cannot read, always.
"""

import logging
import socket
import struct

from config.server_log import without_visitors

SILENT_SECONDS = 10

access_log_format = '%(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(M)sms'
logging.getLogger("gunicorn.error").addFilter(without_visitors)


def when_ready(server):
    """A thread waits without end for the rest of a request, so that as many clients as there are threads, each gone in
    the middle of one, would stop the site. Linux hands the option on to each accepted connection."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_SECONDS, 0))
