"""What gunicorn logs: neither addresses nor queries, referrers or names.

It reads this file when it is started in this folder. Its own formats would write each visitor's address: of every
request, if it is told to log them (`--access-logfile -`), and of each one that it cannot read, always.
"""

import logging

from config.server_log import without_visitors

access_log_format = '%(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(M)sms'
logging.getLogger("gunicorn.error").addFilter(without_visitors)

