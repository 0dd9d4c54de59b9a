"""Computer-use models behind HTTP APIs: what is asked of them, what they answer, and what their actions are."""
