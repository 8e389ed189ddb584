using Differential.Core.Networks;
using Differential.Kernels.Devices;

namespace Differential.Core.Optimizers;

/// <summary>Updates all parameters of a network from their gradients, and keeps what it remembers between steps.</summary>
public abstract class Optimizer : IDisposable
{
    private readonly List<Tensor<float>> _state = [];
    private readonly List<string> _stateNames = [];

    private readonly double _initialRate;
    private readonly float[] _numbers;

    /// <param name="options">The schedule's first learning rate.</param>
    /// <param name="network">Whose parameters are updated.</param>
    /// <param name="numbers">How many numbers change from step to step.</param>
    /// <exception cref="DeviceMemoryException">The device has no room for them.</exception>
    protected Optimizer(OptimizerOptions options, Network network, int numbers)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        _initialRate = options.InitialLearningRate;
        _numbers = new float[numbers];
        Network = network;
        Numbers = network.Device.Allocate(new Shape(numbers));
    }

    /// <summary>Steps prepared so far: those taken, between the steps.</summary>
    public long Steps { get; private set; }

    /// <summary>Whether a step needs the gradient over the whole training set.</summary>
    public virtual bool IsFullBatch => false;

    /// <summary>What is remembered between steps, each as long as the parameters together; zero before the first step.</summary>
    public IReadOnlyList<Tensor<float>> State => _state;

    /// <summary>What each tensor of <see cref="State"/> is called in checkpoints.</summary>
    public IReadOnlyList<string> StateNames => _stateNames;

    protected Network Network { get; }

    /// <summary>Brings what is particular to the next step to the device: to be called before <see cref="Step"/>, once for each.</summary>
    /// <param name="learningRate">η of that step.</param>
    public void Prepare(float learningRate)
    {
        Span<float> numbers = stackalloc float[_numbers.Length];
        SetNumbers(Steps, learningRate, numbers);
        if (!numbers.SequenceEqual(_numbers))
        {
            numbers.CopyTo(_numbers);
            Numbers.Write(numbers);
        }

        Network.Prepare(Steps, learningRate / _initialRate);
        Steps++;
    }

    /// <summary>Updates the parameters from the network's gradients. The same work at each step, of the device alone (<see cref="DeviceGraph"/>): with the numbers that <see cref="Prepare"/> brought last.</summary>
    /// <param name="loss">[1], the mean loss whose gradient it is.</param>
    public void Step(Tensor<float> loss)
    {
        Update(loss);
        Network.Updated();
    }

    /// <summary>Goes on from a state that was read from <see cref="State"/> after <paramref name="steps"/> steps.</summary>
    /// <exception cref="ArgumentException">The state is not one of this optimiser for this network.</exception>
    public void Restore(long steps, IReadOnlyList<float[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (state.Count != _state.Count || state.Any(values => values.Length != Network.ParameterValues.Length))
        {
            throw new ArgumentException("not a state of this optimizer", nameof(state));
        }

        for (int i = 0; i < state.Count; i++)
        {
            _state[i].Write(state[i]);
        }

        Steps = steps;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>What changes from step to step, on the device.</summary>
    protected Tensor<float> Numbers { get; }

    /// <param name="stepsBefore">Steps taken before this one.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="numbers">To be overwritten with the step's <see cref="Numbers"/>.</param>
    protected abstract void SetNumbers(long stepsBefore, float learningRate, Span<float> numbers);

    /// <param name="loss">[1].</param>
    protected abstract void Update(Tensor<float> loss);

    /// <summary>A zeroed tensor as long as the parameters together, kept in <see cref="State"/>.</summary>
    /// <param name="name">What checkpoints call it.</param>
    protected Tensor<float> Remember(string name)
    {
        try
        {
            DeviceRoom.Check(Network.Device, Network.ParameterValues.Length, "the optimizer's state");
            Tensor<float> tensor = Network.Device.Allocate(Network.ParameterValues.Shape);
            _state.Add(tensor);
            _stateNames.Add(name);
            return tensor;
        }
        catch
        {
            // The object is not made, and nobody else has what it holds so far.
            Free();
            throw;
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        Free();
    }

    private void Free()
    {
        foreach (Tensor<float> tensor in _state)
        {
            tensor.Dispose();
        }

        _state.Clear();
        Numbers.Dispose();
    }
}
