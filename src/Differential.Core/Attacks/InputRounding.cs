using Differential.Kernels.Devices;

namespace Differential.Core.Attacks;

/// <summary>Rounds inputs to multiples of 1/255, as a stored 8-bit image has them; on the host.</summary>
internal sealed class InputRounding(AttackSession session)
{
    private float[] _values = [];

    public void Round(Tensor<float> rows, int count)
    {
        if (_values.Length == 0)
        {
            _values = new float[session.Capacity * session.Length];
        }

        Span<float> values = _values.AsSpan(0, count * session.Length);
        rows.Read(values);
        foreach (ref float value in values)
        {
            value = MathF.Round(value * 255f) / 255f;
        }

        rows.Write(values);
    }
}
