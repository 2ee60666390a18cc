"""VAE-LSTM: a variational autoencoder whose latent is the way a whole horizon turns out."""

from typing import ClassVar

from forecasting.base import forecasters
from forecasting.neural.forecaster import NeuralForecaster


@forecasters.register("vae_lstm")
class VaeLstm(NeuralForecaster):
    """Conditional variational autoencoder with LSTM encoder and decoder; each path is one draw of the latent.

    Kingma and Welling 2014, "Auto-encoding variational Bayes"; see `forecasting.neural.vae`.
    """

    name: ClassVar[str] = "vae_lstm"
