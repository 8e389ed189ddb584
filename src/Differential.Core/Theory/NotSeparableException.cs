namespace Differential.Core.Theory;

/// <summary>No hyperplane has all points of one class strictly on its one side and all of the other on the other.</summary>
public sealed class NotSeparableException : Exception
{
    public NotSeparableException()
        : base("the two classes cannot be separated by a hyperplane: their convex hulls meet")
    {
    }

    public NotSeparableException(string message)
        : base(message)
    {
    }

    public NotSeparableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
