/usr/local/bin/dpinger -f -S -i WAN -s 1s -l 4s -t 60s -u /var/run/dpinger_WAN.sock 192.0.2.1
