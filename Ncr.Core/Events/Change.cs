namespace Ncr.Core.Events;

/// <summary>What open pages are told of, after it was committed.</summary>
/// <param name="Type">One of <see cref="EventTypes"/>, or null when only figures such as pull counts moved.</param>
/// <param name="Registry">The registry it happened in; null when it belongs to none.</param>
/// <param name="Image">The image's full name; null when it belongs to none.</param>
/// <param name="UserId">The user whose own things (access keys) changed; null otherwise.</param>
public sealed record Change(string? Type, string? Registry, string? Image, long? UserId = null);
