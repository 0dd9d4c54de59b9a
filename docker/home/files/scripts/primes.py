"""Print the primes below a number."""

import sys

limit = int(sys.argv[1]) if len(sys.argv) > 1 else 50
sieve = [True] * limit
for n in range(2, limit):
    if sieve[n]:
        print(n, end=" ")
        sieve[n * n :: n] = [False] * len(sieve[n * n :: n])
print()
