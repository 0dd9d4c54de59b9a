"""Where programs that nobody vouches for run: no network, no host file, no other run, bounded in everything."""
