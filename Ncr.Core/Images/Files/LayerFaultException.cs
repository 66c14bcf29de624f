namespace Ncr.Core.Images.Files;

/// <summary>A layer can't be read (any further); the message says why, to a person.</summary>
internal sealed class LayerFaultException(string message) : Exception(message);
