namespace Differential.Core.Files;

/// <summary>How a field of a protocol buffers' message is written.</summary>
internal enum WireType
{
    Varint = 0,
    EightBytes = 1,
    Delimited = 2,
    FourBytes = 5,
}
