CREATE EXTERNAL TABLE IF NOT EXISTS `network`.`vpc_flow_logs` (
  `start` bigint,
  `end` bigint,
  `dstaddr` string,
  `srcaddr` string,
  `region` string,
  `log_status` string,
  `bytes` bigint,
  `tomorrows_field` string
)
PARTITIONED BY (
  `log_account` string,
  `log_region` string,
  `log_hour` string
)
STORED AS PARQUET
LOCATION 's3://my-logs/closed/AWSLogs/'
TBLPROPERTIES (
  'projection.enabled'='true',
  'projection.log_account.type'='enum',
  'projection.log_account.values'='123456789012,210987654321',
  'projection.log_region.type'='enum',
  'projection.log_region.values'='ap-northeast-1',
  'projection.log_hour.type'='date',
  'projection.log_hour.format'='yyyy/MM/dd/HH',
  'projection.log_hour.range'='2026/06/01/00,NOW',
  'projection.log_hour.interval'='1',
  'projection.log_hour.interval.unit'='HOURS',
  'storage.location.template'='s3://my-logs/closed/AWSLogs/${log_account}/vpcflowlogs/${log_region}/${log_hour}/'
);
