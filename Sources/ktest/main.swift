import KTestHarness
print(Verdict.pass)
