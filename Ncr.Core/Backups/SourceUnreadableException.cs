namespace Ncr.Core.Backups;

/// <summary>What was to be copied can't be read; where it goes to has nothing to do with it.</summary>
internal sealed class SourceUnreadableException(Exception inner) : IOException(inner.Message, inner);
