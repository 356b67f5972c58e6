"""Files are parsed in a process of their own, with limits of time and memory."""
