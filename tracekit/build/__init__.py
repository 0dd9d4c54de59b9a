"""From a recipe to shards: plan, parts, commit records, Ray."""
