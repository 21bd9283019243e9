"""Retriever classes for other frameworks: LangChain and LlamaIndex."""
