namespace Ncr.Core.Outgoing;

/// <summary>A call that did not come to its end; the message says in plain words why, and which setting helps.</summary>
public sealed class OutgoingException(OutgoingFault fault, string message, Exception? inner = null) : HttpRequestException(message, inner)
{
    public OutgoingFault Fault { get; } = fault;

    /// <summary>The one that an exception is, or was caused by; null when there is none.</summary>
    public static OutgoingException? In(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is OutgoingException found)
            {
                return found;
            }
        }

        return null;
    }
}
