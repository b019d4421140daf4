"""The ways from publishers to the worker, one file each; all keep the promise of `monitor.ports.Bus`."""
