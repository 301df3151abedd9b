"""The portal: pages rendered on the server through the same public API that anybody may call.

Templates, texts in both languages and assets are shipped with the package; a page works without JavaScript and
asks nothing of any other host.
"""
