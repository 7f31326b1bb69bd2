// The kinds of this room's errors.

extension GitProblem: ClassifiedError {
  public var failureKind: Failure.Kind { .usage }
}

extension CommitGraphProblem: ClassifiedError {
  public var failureKind: Failure.Kind { .usage }
}
