dpinger -L 20 192.0.2.1
dpinger -L 20 198.51.100.1
