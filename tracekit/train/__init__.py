"""From shards to a Neural Computer: the training of an image-to-video model on what was recorded, with its actions."""
