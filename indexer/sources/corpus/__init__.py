"""The corpus folder: its files, the sidecar and attachments of each, and the releases that they hold."""
