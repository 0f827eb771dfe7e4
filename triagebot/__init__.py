"""triagebot: a support front line for problems with personal credit report queries (个人征信报告)."""

__version__ = "0.1.0"
