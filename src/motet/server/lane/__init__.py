"""The hot path: chat requests passed on to one upstream, HTTP parsed on both sides, no client.

The lane takes what `Admitting` says can be passed on and hands everything else, byte for
byte as it came, to the ordinary application.
"""
