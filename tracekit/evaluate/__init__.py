"""How good a model's videos are: rollouts from recorded prompts, scores of pairs of videos, reports, comparisons."""
