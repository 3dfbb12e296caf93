"""How gunicorn logs requests, if it is told to (`--access-logfile -`): without addresses, queries, referrers or names.

gunicorn reads this file when it is started in this folder. Its own format would write each visitor's address.
"""

access_log_format = '%(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(M)sms'
